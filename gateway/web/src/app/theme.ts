/** The hall's colours: deep river blue, one accent, quiet greys. Contrast of text on its ground is at least 4.5 : 1. */
import type { ThemeConfig } from "antd";

export const theme: ThemeConfig = {
  token: {
    colorPrimary: "#0b6b94",
    colorInfo: "#0b6b94",
    colorSuccess: "#237a57",
    colorWarning: "#b7791f",
    colorError: "#c53030",
    colorLink: "#0b6b94",
    colorPrimaryBg: "#e2f1f8",
    colorPrimaryBgHover: "#d0e8f3",
    colorInfoBg: "#eaf5fa",
    colorInfoBorder: "#b5d9e8",
    colorSuccessBg: "#ecf7f1",
    colorSuccessBorder: "#b4dcc7",
    colorWarningBg: "#fdf6e7",
    colorWarningBorder: "#ecd5a3",
    colorErrorBg: "#fdf0ef",
    colorErrorBorder: "#f0bcb8",
    colorTextBase: "#1f2d3a",
    colorBgLayout: "#f1f5f8",
    colorBorder: "#cfd8e0",
    colorBorderSecondary: "#e4eaef",
    colorTextPlaceholder: "#8593a1",
    borderRadius: 6,
    fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", system-ui, sans-serif',
    controlHeight: 36,
  },
  components: {
    Table: { headerBg: "#f5f8fa", headerColor: "#3d4f5f", rowHoverBg: "#f3f9fc", headerSplitColor: "transparent" },
    Menu: {
      itemBg: "transparent",
      subMenuItemBg: "transparent",
      itemHeight: 38,
      itemSelectedBg: "#e2f1f8",
      itemSelectedColor: "#08577a",
      itemBorderRadius: 6,
    },
    Form: { itemMarginBottom: 24, labelColor: "#3d4f5f" },
    Descriptions: { labelBg: "#f7fafc" },
  },
};
