/** Finding people of the unit; the ID number goes in the body, never into an address. */
import { api, call } from "@/api/client";
import type { RosterRow, RosterSearch } from "@/api/types";

export interface PeopleConditions {
  id_number?: string;
  name?: string;
  status?: RosterRow["status"];
  started_from?: string;
  started_to?: string;
}

/** The conditions that were filled in, as they are sent. */
export function peopleAsked({ id_number, name, status, started_from, started_to }: PeopleConditions) {
  return {
    ...(id_number && { id_number }),
    ...(name?.trim() && { name: name.trim() }),
    ...(status && { status }),
    ...(started_from && { started_from }),
    ...(started_to && { started_to }),
  };
}

export function findPeople(conditions: PeopleConditions, page: number, page_size: number, after?: string) {
  const body: RosterSearch = { page, page_size, ...peopleAsked(conditions), ...(after && { after }) };
  return call(api.POST("/api/enrollment/roster/searches", { body }));
}
