/** Input for ID numbers and codes: what is typed is brought into ordinary form at once. */
import { Input, type InputProps } from "antd";

import { normaliseIdentifier } from "./identifiers";

interface Props extends Omit<InputProps, "onChange" | "value"> {
  value?: string;
  onChange?: (value: string) => void;
}

export function IdentifierInput({ value, onChange, ...rest }: Props) {
  return (
    <Input
      autoComplete="off"
      spellCheck={false}
      maxLength={40}
      {...rest}
      value={value ?? ""}
      onChange={(event) => onChange?.(event.nativeEvent instanceof InputEvent && event.nativeEvent.isComposing ? event.target.value : normaliseIdentifier(event.target.value))}
      onCompositionEnd={(event) => onChange?.(normaliseIdentifier(event.currentTarget.value))}
    />
  );
}
