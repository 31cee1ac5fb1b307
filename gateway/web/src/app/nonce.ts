/**
 * The content security nonce. Vite writes a placeholder into index.html, the gateway replaces it with a fresh one in
 * every answer; browsers hide the attribute and keep the property.
 *
 * Ant Design takes it through ConfigProvider, except where its table measures scroll bars with a style element of its
 * own (@rc-component/util getScrollBarSize): so every style element that our scripts create carries it.
 */

export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

type Create = (name: string, options?: ElementCreationOptions) => HTMLElement;
// eslint-disable-next-line @typescript-eslint/no-deprecated -- the rule means one overload, we pass all of them on
const create: Create = document.createElement.bind(document);
const createWithNonce: Create = (name, options) => {
  const element = create(name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};
Object.assign(document, { createElement: createWithNonce });
