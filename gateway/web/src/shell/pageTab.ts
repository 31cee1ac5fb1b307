/** What a page may tell the tab it lives in. */
import { createContext, useContext } from "react";

export interface PageTab {
  /** Typed and not sent: closing the tab asks first. */
  setDirty: (dirty: boolean) => void;
}

export const PageTabContext = createContext<PageTab>({ setDirty: () => undefined });

export const usePageTab = (): PageTab => useContext(PageTabContext);
