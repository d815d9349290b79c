/** The one element with this id; a page without it is a page we did not write. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
  return found;
}

export const show = (node: HTMLElement, isShown: boolean): void => {
  node.hidden = !isShown;
};

/** A control under its words, put before another element. */
export function addField(before: HTMLElement, control: HTMLElement, words: string): void {
  const label = document.createElement('label');
  label.className = 'label';
  label.htmlFor = control.id;
  label.textContent = words;
  const field = document.createElement('div');
  field.className = 'field';
  field.append(label, control);
  before.before(field);
}

/** Writes only what changed: a screen reader speaks what is written. */
export function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
