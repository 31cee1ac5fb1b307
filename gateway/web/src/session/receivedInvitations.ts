/** The invitations that the signed-in agent can answer. */
import { useQuery } from "@tanstack/react-query";

import { api, call } from "@/api/client";

export const INVITATIONS = "received-invitations";
/** Nobody has more of them open at a time than one looks through; the rest follows when these are answered. */
const SHOWN = 50;

export const useReceivedInvitations = () =>
  useQuery({
    queryKey: [INVITATIONS],
    queryFn: () =>
      call(api.GET("/api/identity/invitations/mine", { params: { query: { page: 1, page_size: SHOWN } } }), { background: true }),
    refetchInterval: 60_000,
  });
