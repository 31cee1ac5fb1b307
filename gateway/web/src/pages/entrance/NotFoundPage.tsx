/** An address that leads nowhere. */
import { Button, Result } from "antd";
import { Link } from "react-router";

export default function NotFoundPage() {
  return (
    <Result
      status="404"
      title={<h1>没有这个页面</h1>}
      subTitle="地址可能有误，或者您的账号没有这项业务的权限。"
      extra={<Link to="/"><Button type="primary">返回首页</Button></Link>}
    />
  );
}
