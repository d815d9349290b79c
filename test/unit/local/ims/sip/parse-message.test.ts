import { allHeaders, firstHeader } from '../../../../../local/src/ims/sip/message.ts';
import { parseMessage } from '../../../../../local/src/ims/sip/parse-message.ts';

const GOOD = [
  'OPTIONS sip:bob@b.example SIP/2.0',
  'v: SIP/2.0/UDP one.example;branch=z9hG4bK1, SIP/2.0/TCP two.example',
  'f: "A, B" <sip:a@a.example>;tag=1',
  't: <sip:bob@b.example>',
  'i: call',
  'CSeq: 1 OPTIONS',
  'Contact: <sip:a@1.2.3.4;x=1,2>,',
  ' <sip:b@1.2.3.4>',
];
const parse = (lines: readonly string[], body = '') =>
  parseMessage(lines.join('\r\n'), Buffer.from(body));
const without = (start: string) => GOOD.filter((line) => !line.startsWith(start));

describe('the parser of the simulator', () => {
  it('reads short names, folded lines and comma lists', () => {
    const outcome = parse(GOOD);

    if (!outcome.ok) throw new Error(outcome.reason);
    expect(allHeaders(outcome.message, 'Via')).toHaveLength(2);
    expect(allHeaders(outcome.message, 'Contact')).toEqual([
      '<sip:a@1.2.3.4;x=1,2>',
      '<sip:b@1.2.3.4>',
    ]);
    expect(firstHeader(outcome.message, 'call-id')).toBe('call');
    expect(firstHeader(outcome.message, 'From')).toContain('"A, B"');
  });

  it.each([
    ['no Via', without('v:'), false],
    ['no From', without('f:'), false],
    ['two To', [...GOOD, 'To: <sip:x@y>'], true],
    ['a CSeq of another method', [...without('CSeq'), 'CSeq: 1 INVITE'], true],
    ['a CSeq beyond 2^31', [...without('CSeq'), 'CSeq: 9999999999 OPTIONS'], true],
    ['a body shorter than claimed', [...GOOD, 'Content-Length: 9'], true],
    ['a negative length', [...GOOD, 'Content-Length: -1'], true],
    ['an unclosed address', [...without('f:'), 'From: <sip:a@b'], true],
    ['another version', ['OPTIONS sip:b SIP/3.0', ...GOOD.slice(1)], false],
    ['nothing', [''], false],
  ])('refuses %s', (_, lines, isAnswerable) => {
    const outcome = parse(lines);

    expect(outcome.ok).toBe(false);
    expect(!outcome.ok && outcome.answerable !== undefined).toBe(isAnswerable);
  });

  it('never throws, whatever is cut off or changed', () => {
    const whole = GOOD.join('\r\n');
    for (let at = 0; at < whole.length; at += 1) {
      expect(() => parseMessage(whole.slice(0, at), Buffer.alloc(0))).not.toThrow();
      const bent = `${whole.slice(0, at)}\u0000${whole.slice(at + 1)}`;
      expect(() => parseMessage(bent, Buffer.alloc(0))).not.toThrow();
    }
  });
});
