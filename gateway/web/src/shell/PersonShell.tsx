/** The shell of an insured person 个人网厅. */
import type { Session } from "@/api/types";
import { PersonHome } from "@/pages/home/PersonHome";

import { accountPage } from "./accountPage";
import { Frame } from "./Frame";
import type { PageGroup } from "./pages";

const groups: readonly PageGroup[] = [
  { key: "account", title: accountPage.title, Icon: accountPage.Icon, sections: [{ key: "account-pages", pages: [accountPage] }] },
];

export default function PersonShell({ session }: { session: Session }) {
  return (
    <Frame
      session={session}
      base="/person"
      memory="person.tabs"
      name="个人网厅"
      groups={groups}
      homeTitle="个人首页"
      home={<PersonHome session={session} groups={groups} />}
      login="/login"
    />
  );
}
