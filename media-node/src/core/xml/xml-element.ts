/** One element of a document. Names are local: what tells vocabularies apart is the namespace. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Attributes of no namespace by their name, all others as `{namespace}name`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All character data in the element and below, without the space around it. */
  readonly text: string;
}

/** Those of one name; with a namespace, only those of it. */
export const childrenOf = (
  { children }: XmlElement,
  name: string,
  namespace?: string,
): readonly XmlElement[] =>
  children.filter(
    (it) => it.name === name && (namespace === undefined || it.namespace === namespace),
  );

export const childOf = (
  element: XmlElement,
  name: string,
  namespace?: string,
): XmlElement | undefined => childrenOf(element, name, namespace)[0];
