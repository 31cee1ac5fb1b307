/** Tabs of one browser share the session: they tell each other of a switched unit, of its end, and that it is in use. */

export type TabNews = { kind: "unit"; employerNo: string; name: string } | { kind: "logout" } | { kind: "inUse" };

const channel = new BroadcastChannel("hall.session");

export function tellOtherTabs(news: TabNews): void {
  channel.postMessage(news);
}

export function onTabNews(listener: (news: TabNews) => void): () => void {
  const handle = (event: MessageEvent<TabNews>) => listener(event.data);
  channel.addEventListener("message", handle);
  return () => channel.removeEventListener("message", handle);
}
