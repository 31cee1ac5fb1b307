/** A name of its own for every form on the page: several pages are open at once, and labels find fields by it. */
import { useId } from "react";

export const useFormName = (): string => `form${useId().replace(/\W/g, "")}`;
