/** A page that failed to show doesn't take the others with it. */
import { Button, Result } from "antd";
import { Component, type ReactNode } from "react";

interface State {
  failed: boolean;
}

export class PageFault extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Result
        status="error"
        title="页面没有打开"
        subTitle="可能是网络中断，或系统刚刚升级。请重新打开；其他标签页不受影响。"
        extra={[
          <Button key="again" type="primary" onClick={() => this.setState({ failed: false })}>重新打开</Button>,
          <Button key="reload" onClick={() => window.location.reload()}>刷新整个网厅</Button>,
        ]}
      />
    );
  }
}
