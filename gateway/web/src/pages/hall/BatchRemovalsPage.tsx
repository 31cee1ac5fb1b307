/** 批量减员申报. */
import { BatchPage } from "./BatchPage";

export default function BatchRemovalsPage() {
  return <BatchPage kind="removal" />;
}
