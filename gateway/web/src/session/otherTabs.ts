/** Tabs of one browser share the session: they tell each other when the unit was switched or the session ended. */

export type TabNews = { kind: "unit"; employerNo: string; name: string } | { kind: "logout" };

const channel = new BroadcastChannel("hall.session");

export function tellOtherTabs(news: TabNews): void {
  channel.postMessage(news);
}

export function onTabNews(listener: (news: TabNews) => void): () => void {
  const handle = (event: MessageEvent<TabNews>) => listener(event.data);
  channel.addEventListener("message", handle);
  return () => channel.removeEventListener("message", handle);
}
