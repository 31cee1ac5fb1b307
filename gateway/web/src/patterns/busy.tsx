/** How a button shows that its work is under way: its name stays what it was, for ears and for tests. */
import { LoadingOutlined } from "@ant-design/icons";
import type { ButtonProps } from "antd";

const turning = <LoadingOutlined aria-hidden />;

export const whileBusy = (busy: boolean): NonNullable<ButtonProps["loading"]> => (busy ? { icon: turning } : false);
