import fc from 'fast-check';
import { readBrowserMedia } from '../../../../../media-node/src/core/sdp/browser-reading.ts';
import { readImsMedia } from '../../../../../media-node/src/core/sdp/ims-reading.ts';
import { PLAIN_TERMS } from '../../../../../media-node/src/core/sdp/ims-terms.ts';
import { parseSdp } from '../../../../../media-node/src/core/sdp/parse.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';

/** An SDP with lines dropped, repeated, cut and filled with anything. */
const mutated = (sdp: string) =>
  fc
    .array(fc.tuple(fc.nat(), fc.constantFrom('drop', 'repeat', 'cut', 'fill'), fc.string()), {
      maxLength: 8,
    })
    .map((edits) =>
      edits
        .reduce((lines, [at, edit, text]) => {
          const index = at % Math.max(1, lines.length);
          const line = lines[index] ?? '';
          const instead = {
            drop: [],
            repeat: [line, line],
            cut: [line.slice(0, text.length)],
            fill: [line.slice(0, 2 + (at % 9)) + text],
          }[edit];
          return lines.toSpliced(index, 1, ...instead);
        }, sdp.split('\r\n'))
        .join('\r\n'),
    );

describe('SEC-3: a hostile description', () => {
  it('never makes a reader throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated(aBrowserSdp()), mutated(anImsSdp())), (sdp) => {
        for (const read of [
          parseSdp(sdp),
          readBrowserMedia(sdp, 'offer'),
          readImsMedia(sdp, { mayReach: () => true, terms: PLAIN_TERMS }),
        ]) {
          expect(typeof read.ok).toBe('boolean');
        }
      }),
    );
  });

  it.each([
    ['a port beyond 65535', 'm=audio 65536 RTP/AVP 0'],
    ['a port that is no number', 'm=audio x RTP/AVP 0'],
    ['no protocol', 'm=audio 9'],
    ['more formats than there are', `m=audio 9 RTP/AVP ${'0 '.repeat(65)}`],
    ['a line without end', `a=${'x'.repeat(2100)}`],
  ])('is refused for %s', (_name, line) => {
    expect(parseSdp(`v=0\r\ns=-\r\n${line}\r\n`)).toMatchObject({
      ok: false,
      error: { code: 'sdp.malformed' },
    });
  });

  it.each(['\n', '\r', '\r\n'])('is read whatever its line ends are: %j', (end) => {
    const parsed = parseSdp(anImsSdp().replaceAll('\r\n', end));

    expect(parsed).toMatchObject({ ok: true, value: { connection: '198.51.100.9' } });
  });
});
