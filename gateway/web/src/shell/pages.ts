/** A page of the shell, and how pages are grouped in the menu. */
import type { ComponentType, LazyExoticComponent } from "react";

import type { AccountKind, Permission } from "@/api/types";

/** Drawn beside a title, never read aloud. */
export type Icon = ComponentType<{ "aria-hidden": true }>;

export interface ShellPage {
  /** Address under the shell's own, e.g. `additions` → /hall/additions. */
  path: string;
  title: string;
  Icon: Icon;
  /** What an account needs for it; the hall checks it again. */
  permission?: Permission;
  /** The one kind of account it is for. */
  kind?: AccountKind;
  /** One line for the tile. */
  summary?: string;
  Page: LazyExoticComponent<ComponentType>;
}

export interface PageGroup {
  key: string;
  title: string;
  Icon: Icon;
  /** Groups in the group: 参保单位服务 → 职工参保登记. */
  sections: { key: string; title?: string; pages: ShellPage[] }[];
}

/** Groups with the pages this account may open; groups left empty go. */
export function permitted(groups: readonly PageGroup[], kind: AccountKind, permissions: readonly string[]): PageGroup[] {
  const opens = (page: ShellPage) =>
    (page.kind === undefined || page.kind === kind) && (page.permission === undefined || permissions.includes(page.permission));
  return groups
    .map((group) => ({
      ...group,
      sections: group.sections
        .map((section) => ({
          ...section,
          pages: section.pages.filter(opens),
        }))
        .filter((section) => section.pages.length > 0),
    }))
    .filter((group) => group.sections.length > 0);
}

export const pagesOf = (groups: readonly PageGroup[]): ShellPage[] =>
  groups.flatMap((group) => group.sections.flatMap((section) => section.pages));
