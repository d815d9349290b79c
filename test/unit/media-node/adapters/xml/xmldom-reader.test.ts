import { createXmldomReader } from '../../../../../media-node/src/adapters/xml/xmldom-reader.ts';
import { childOf, childrenOf } from '../../../../../media-node/src/core/xml/xml-element.ts';

const reader = createXmldomReader();
const read = (text: string) => reader.read(text);

describe('REG-9: XML of the network', () => {
  it('is read with its namespaces, attributes and text', () => {
    const root = read(
      '<?xml version="1.0"?>\r\n<r xmlns="urn:a" xmlns:g="urn:b" version="7" g:kind="x">' +
        '<uri> sip:a@b?x&amp;y </uri><g:uri>second</g:uri><!-- none --></r>',
    );

    expect(root).toMatchObject({
      ...{ name: 'r', namespace: 'urn:a' },
      attributes: { version: '7', '{urn:b}kind': 'x' },
    });
    if (!root) throw new Error('it was read');
    expect(childOf(root, 'uri')).toMatchObject({ namespace: 'urn:a', text: 'sip:a@b?x&y' });
    expect(childOf(root, 'uri', 'urn:b')?.text).toBe('second');
    expect(childrenOf(root, 'uri')).toHaveLength(2);
    expect(childrenOf(root, 'none')).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no XML', 'v=0\r\no=- 1 1'],
    ['an element left open', '<a><b></a>'],
    ['an element cut short', '<a><b'],
    ['two roots', '<a/><b/>'],
    ['an attribute twice', '<a x="1" x="2"/>'],
    ['an attribute without quotes', '<a x=1/>'],
    ['a prefix of no namespace', '<g:a/>'],
    ['an entity nobody declared', '<a>&lol;</a>'],
    ['text behind the root', '<a/>more'],
    ['an entity within', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['an entity from a file', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['a DTD from elsewhere', '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'],
    ['a hundred levels', '<a>'.repeat(100) + '</a>'.repeat(100)],
    ['a hundred thousand levels unclosed', '<a>'.repeat(80_000)],
    ['too much', `<a>${'x'.repeat(300_000)}</a>`],
  ])('is refused without a throw where it is %s', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('keeps a key named like a prototype to itself', () => {
    const root = read('<a __proto__="x" constructor="y"/>');

    expect(root?.attributes['constructor']).toBe('y');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
