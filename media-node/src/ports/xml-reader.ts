import type { XmlElement } from '../core/xml/xml-element.ts';

/** Reads what the network sends as XML (reginfo, 3gpp-ims+xml); the meaning is for `core` to find. */
export interface XmlReader {
  /** The root element; undefined for what is malformed, has a DTD, or is too large. Never throws. */
  read(text: string): XmlElement | undefined;
}
