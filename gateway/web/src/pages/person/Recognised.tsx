/** What an insured person sees of their own, once they are recognised; until then why not, and what to do. */
import { Alert, Skeleton } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { asProblem } from "@/api/problem";
import type { Recognition } from "@/api/types";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./person.module.css";
import { useRecognition } from "./recognition";

export function Recognised({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useRecognition();
  if (data?.ready) return <>{children}</>;
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return data ? <Why standing={data.standing} /> : <Skeleton active />;
}

function Why({ standing }: { standing: Recognition["standing"] }) {
  if (standing === "mobile_differs") return <MobileDiffers />;
  if (standing === "not_found") return <NotFound />;
  return <Alert role="status" type="info" showIcon title="正在核对您的参保登记" description="一般只需几秒，完成后本页自动显示。" />;
}

function MobileDiffers() {
  return (
    <Alert
      role="alert"
      type="warning"
      showIcon
      title="手机号码与参保登记不一致"
      description={
        <>
          <p>为保护您的个人信息，本账号的手机号码须与参保登记的手机号码一致。请用下列任一办法处理：</p>
          <ul className={styles.ways}>
            <li>请单位经办人在“参保人员信息维护”中把您的手机号码更新为本账号的手机号码；</li>
            <li>在<Link to="/person/account">个人中心</Link>把本账号的手机号码改为参保登记的手机号码；</li>
            <li>在登录页通过“浙江政务服务网”实名登录。</li>
          </ul>
          <p>更新后系统自动重新核对，本页会自动显示结果。</p>
        </>
      }
    />
  );
}

function NotFound() {
  return (
    <Alert
      role="alert"
      type="warning"
      showIcon
      title="未找到与您一致的参保登记"
      description={
        <>
          <p>没有找到与您的证件号码和姓名都一致的参保登记：</p>
          <ul className={styles.ways}>
            <li>如您刚刚入职，请等单位办理增员并审核通过；</li>
            <li>如您已经参保，请向单位经办人或医保经办机构核对登记的姓名和证件号码。</li>
          </ul>
          <p>登记更新后系统自动重新核对，本页会自动显示结果。</p>
        </>
      }
    />
  );
}
