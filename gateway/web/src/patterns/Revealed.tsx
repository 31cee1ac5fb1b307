/**
 * A masked number with an eye: shown in full for a minute to whoever proves who they are, then masked again.
 * Each look is one disclosure in the audit log.
 */
import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useEffect, useState } from "react";

import { asProblem } from "@/api/problem";
import { orNothing } from "@/fields/format";
import { withStepUp } from "@/session/stepUp";

import { whileBusy } from "./busy";

const SHOWN_FOR_MS = 60_000;

interface Props {
  /** What the number is, for the button's name: 证件号码. */
  label: string;
  masked: string | null | undefined;
  /** Fetches the full number. */
  disclose: () => Promise<string | null | undefined>;
}

export function Revealed({ label, masked, disclose }: Props) {
  const { message } = App.useApp();
  const [full, setFull] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (full === undefined) return;
    const timer = setTimeout(() => setFull(undefined), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [full]);

  const reveal = async () => {
    setBusy(true);
    try {
      setFull(orNothing(await withStepUp(disclose)));
    } catch (thrown) {
      message.error(asProblem(thrown).detail);
    } finally {
      setBusy(false);
    }
  };
  if (!masked) return <>{orNothing(masked)}</>;
  return (
    <span>
      <span className="figures">{full ?? masked}</span>
      <Button
        type="text"
        size="small"
        loading={whileBusy(busy)}
        icon={full === undefined ? <EyeOutlined /> : <EyeInvisibleOutlined />}
        aria-label={full === undefined ? `显示完整${label}` : `隐藏${label}`}
        title={full === undefined ? "显示完整号码一分钟，查看会被记录" : "隐藏"}
        onClick={() => (full === undefined ? void reveal() : setFull(undefined))}
      />
    </span>
  );
}
