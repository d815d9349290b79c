/** The one element with this id; a page without it is a page we did not write. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
  return found;
}

export const show = (node: HTMLElement, isShown: boolean): void => {
  node.hidden = !isShown;
};

/** Writes only what changed: a screen reader speaks what is written. */
export function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
