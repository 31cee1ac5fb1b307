/** A choice from one of the agency's code tables. */
import { Select, type SelectProps } from "antd";

import { useCodes } from "./dictionaries";

interface Props extends Omit<SelectProps<string>, "options" | "loading"> {
  table: string;
}

export function CodeSelect({ table, ...rest }: Props) {
  const { codes, loading } = useCodes(table);
  return (
    <Select<string>
      placeholder="请选择"
      showSearch={codes.length > 8 ? { optionFilterProp: "label" } : false}
      {...rest}
      loading={loading}
      options={codes.map((row) => ({ value: row.code, label: row.name }))}
    />
  );
}
