/** 批量增员申报. */
import { BatchPage } from "./BatchPage";

export default function BatchAdditionsPage() {
  return <BatchPage kind="addition" />;
}
