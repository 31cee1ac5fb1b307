/** How 缴费状态 looks everywhere. */
export const PAYMENT_BADGES: Readonly<Record<"0" | "1" | "2", "default" | "success" | "warning">> = {
  "0": "default",
  "1": "success",
  "2": "warning",
};
