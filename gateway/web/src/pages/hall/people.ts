/** Finding people of the unit; the ID number goes in the body, never into an address. */
import { api, call } from "@/api/client";
import type { RosterRow, RosterSearch } from "@/api/types";

export interface PeopleConditions {
  id_number?: string;
  name?: string;
  status?: RosterRow["status"];
}

export function findPeople({ id_number, name, status }: PeopleConditions, page: number, page_size: number) {
  const body: RosterSearch = {
    page,
    page_size,
    ...(id_number && { id_number }),
    ...(name?.trim() && { name: name.trim() }),
    ...(status && { status }),
  };
  return call(api.POST("/api/enrollment/roster/searches", { body }));
}
