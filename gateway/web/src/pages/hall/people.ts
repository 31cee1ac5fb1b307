/** Finding people of the unit; the ID number goes in the body, never into an address. */
import { api, call } from "@/api/client";
import type { RosterRow, RosterSearch } from "@/api/types";

import { askedFor, type WhoConditions } from "./whom";

export interface PeopleConditions extends WhoConditions {
  status?: RosterRow["status"];
  started_from?: string;
  started_to?: string;
}

/** The conditions that were filled in, as they are sent. */
export function peopleAsked({ status, started_from, started_to, ...who }: PeopleConditions) {
  return {
    ...askedFor(who),
    ...(status && { status }),
    ...(started_from && { started_from }),
    ...(started_to && { started_to }),
  };
}

export function findPeople(conditions: PeopleConditions, page: number, page_size: number, after?: string) {
  const body: RosterSearch = { page, page_size, ...peopleAsked(conditions), ...(after && { after }) };
  return call(api.POST("/api/enrollment/roster/searches", { body }));
}
