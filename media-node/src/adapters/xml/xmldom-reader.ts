import { DOMParser, type Element, MIME_TYPE, Node, onWarningStopParsing } from '@xmldom/xmldom';
import type { XmlElement } from '../../core/xml/xml-element.ts';
import type { XmlReader } from '../../ports/xml-reader.ts';

/** Some hundreds of identities, each with its contact, and ten times that. */
const MAX_CHARS = 256 * 1024;
const MAX_DEPTH = 16;
/** Nesting costs xmldom more than its share of the length. */
const MAX_TAGS = 20_000;
/** Without a DTD there is no entity to expand, near or far (billion laughs, XXE). */
const DTD = /<!DOCTYPE|<!ENTITY/i;
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** Namespaces and well-formedness by xmldom; nothing of it leaves this file. */
export function createXmldomReader(): XmlReader {
  const parser = new DOMParser({ onError: onWarningStopParsing, locator: false });
  return {
    read(text) {
      if (text.length > MAX_CHARS || DTD.test(text)) return undefined;
      if (text.split('<').length > MAX_TAGS) return undefined;
      try {
        const root = parser.parseFromString(text, MIME_TYPE.XML_TEXT).documentElement;
        return root ? elementOf(root, MAX_DEPTH) : undefined;
      } catch {
        // It throws on what is not well-formed, which is an expected outcome here.
        return undefined;
      }
    },
  };
}

function elementOf(element: Element, depthLeft: number): XmlElement {
  if (depthLeft === 0) throw new RangeError('too deep');
  const children = [...element.childNodes].filter((it) => it.nodeType === Node.ELEMENT_NODE);
  return {
    name: element.localName ?? element.nodeName,
    namespace: element.namespaceURI ?? undefined,
    attributes: attributesOf(element),
    children: children.map((it) => elementOf(it as Element, depthLeft - 1)),
    text: (element.textContent ?? '').trim(),
  };
}

function attributesOf(element: Element): Readonly<Record<string, string>> {
  const named = [...element.attributes].filter(({ namespaceURI }) => namespaceURI !== XMLNS);
  return Object.fromEntries(
    named.map(({ localName, name, namespaceURI, value }) => [
      namespaceURI === null ? name : `{${namespaceURI}}${localName ?? name}`,
      value,
    ]),
  );
}
