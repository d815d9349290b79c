import { isSameMedia, OwnSdp } from '../../media-node/src/core/session/own-sdp.ts';
import {
  failureOf,
  firstOfferLines,
  isOwedOurs,
  isWaiting,
  linesAfter,
  type Preconditions,
  preconditionsOf,
  withoutPreconditions,
  withPreconditions,
} from '../../media-node/src/core/session/preconditions.ts';

const sdp = (...lines: readonly string[]): string =>
  ['v=0', 'o=- 5 1 IN IP4 192.0.2.1', 's=-', 't=0 0', 'm=audio 40000 RTP/AVP 8', ...lines, ''].join(
    '\r\n',
  );
const read = (...lines: readonly string[]): Preconditions => {
  const found = preconditionsOf(sdp(...lines));
  if (!found) throw new Error('no preconditions were read');
  return found;
};

/** 3GPP TS 34.229-1 A.15, step 1: a caller whose resources have yet to come. */
const WAITING_CALLER = [
  'a=curr:qos local none',
  'a=curr:qos remote none',
  'a=des:qos mandatory local sendrecv',
  'a=des:qos none remote sendrecv',
];
/** Step 3 of the same: a callee that wants to be told of ours. */
const WAITING_CALLEE = [
  'a=curr:qos local none',
  'a=curr:qos remote none',
  'a=des:qos mandatory local sendrecv',
  'a=des:qos mandatory remote sendrecv',
  'a=conf:qos remote sendrecv',
];

describe('RFC 3312 §4 – SES-3: what a description says', () => {
  it('is read from the lines of its first stream in use', () => {
    expect(read(...WAITING_CALLEE)).toEqual({
      current: { local: 'none', remote: 'none' },
      desired: {
        local: { strength: 'mandatory', direction: 'sendrecv' },
        remote: { strength: 'mandatory', direction: 'sendrecv' },
      },
      wantsConfirmation: true,
      unknown: [],
    });
  });

  it.each([
    ['no lines', sdp()],
    ['no description', undefined],
    ['no stream in use', sdp().replace('40000', '0')],
    ['nonsense', 'nonsense'],
  ])('is nothing with %s', (_, text) => {
    expect(preconditionsOf(text)).toBeUndefined();
  });

  it('takes lines it cannot read as not said', () => {
    expect(read('a=curr:qos local sideways', 'a=des:qos urgently local send')).toEqual({
      current: { local: 'none', remote: 'none' },
      desired: {
        local: { strength: 'none', direction: 'none' },
        remote: { strength: 'none', direction: 'none' },
      },
      wantsConfirmation: false,
      unknown: [],
    });
  });

  it.each([
    ['mandatory', 'none', true],
    ['mandatory', 'sendonly', true],
    ['mandatory', 'sendrecv', false],
    ['optional', 'none', false],
    ['none', 'none', false],
  ])('%s local with %s there is waited for: %s', (strength, current, expected) => {
    const conditions = read(`a=curr:qos local ${current}`, `a=des:qos ${strength} local sendrecv`);

    expect(isWaiting(conditions)).toBe(expected);
  });

  it.each([
    ['asked for', WAITING_CALLEE, true],
    ['not understood', ['a=curr:qos remote none', 'a=des:qos mandatory remote sendrecv'], true],
    ['known', ['a=curr:qos remote sendrecv', 'a=des:qos mandatory remote sendrecv'], false],
    ['not wanted', ['a=curr:qos remote none', 'a=des:qos optional remote sendrecv'], false],
  ])('word of our own resources is owed where it is %s', (_, lines, expected) => {
    expect(isOwedOurs(read(...lines))).toBe(expected);
  });
});

describe('RFC 3312 §5 – what we say', () => {
  it('as caller: ours are there, theirs are unknown', () => {
    expect(preconditionsOf(withPreconditions(sdp(), firstOfferLines(false)))).toMatchObject({
      current: { local: 'sendrecv', remote: 'none' },
      desired: { local: { strength: 'mandatory' }, remote: { strength: 'optional' } },
    });
    expect(firstOfferLines(true)).toContain('a=des:qos mandatory remote sendrecv');
  });

  it('to a caller that waits: that it tell us when it need not any more', () => {
    const answer = preconditionsOf(withPreconditions(sdp(), linesAfter(read(...WAITING_CALLER))));

    expect(answer).toEqual({
      current: { local: 'sendrecv', remote: 'none' },
      desired: {
        local: { strength: 'mandatory', direction: 'sendrecv' },
        remote: { strength: 'mandatory', direction: 'sendrecv' },
      },
      wantsConfirmation: true,
      unknown: [],
    });
  });

  it('to one that waits no more: what it said, and no confirmation wanted', () => {
    const ready = read('a=curr:qos local sendrecv', 'a=des:qos mandatory local sendrecv');

    expect(linesAfter(ready)).toEqual([
      'a=curr:qos local sendrecv',
      'a=curr:qos remote sendrecv',
      'a=des:qos mandatory local sendrecv',
      'a=des:qos mandatory remote sendrecv',
    ]);
  });

  it('stands in every stream in use and in no other', () => {
    const two = `${sdp()}m=video 0 RTP/AVP 96\r\nm=text 40002 RTP/AVP 98`;

    const written = withPreconditions(two, ['a=curr:qos local sendrecv']);

    expect(written).toBe(
      `${sdp()}a=curr:qos local sendrecv\r\nm=video 0 RTP/AVP 96\r\nm=text 40002 RTP/AVP 98\r\na=curr:qos local sendrecv\r\n`,
    );
    expect(withoutPreconditions(written)).toBe(`${two}\r\n`);
  });
});

describe('RFC 3312 §8 – 580', () => {
  it.each([
    ['another kind', 'sec mandatory e2e sendrecv', 'a=des:sec unknown e2e sendrecv'],
    ['end to end', 'qos mandatory e2e sendrecv', 'a=des:qos unknown e2e sendrecv'],
  ])('names what cannot be met: %s', (_, line, named) => {
    const offer = sdp(`a=des:${line}`);
    const conditions = read(`a=des:${line}`);

    const failure = failureOf(offer, conditions);

    expect(conditions.unknown).toEqual([line]);
    expect(failure).toContain('m=audio 0 RTP/AVP 8\r\n');
    expect(failure).toContain(`${named}\r\n`);
  });

  it('is not due for what is only wished for', () => {
    expect(read('a=des:sec optional e2e sendrecv').unknown).toEqual([]);
  });
});

describe('RFC 3264 §8 – our descriptions in one dialog', () => {
  it('are one session, with a version more for each change and for no other reason', () => {
    const own = new OwnSdp();
    const versions = [
      sdp('a=x'),
      sdp('a=x'),
      sdp('a=y').replace('o=- 5 1', 'o=- 77 9'),
      sdp('a=y'),
      sdp('a=x'),
    ].map((it) => /^o=(.*)$/m.exec(own.write(it))?.[1]);

    expect(versions).toEqual([
      '- 5 1 IN IP4 192.0.2.1',
      '- 5 1 IN IP4 192.0.2.1',
      '- 5 2 IN IP4 192.0.2.1',
      '- 5 2 IN IP4 192.0.2.1',
      '- 5 3 IN IP4 192.0.2.1',
    ]);
    expect(own.last).toContain('a=x');
  });

  it('without an origin stay as they are', () => {
    const own = new OwnSdp();

    expect(own.write('v=0\r\n')).toBe('v=0\r\n');
  });

  it('differ for media by more than origin and preconditions', () => {
    const other = sdp('a=curr:qos local none').replace('o=- 5 1', 'o=- 5 2');

    expect(isSameMedia(sdp(), other)).toBe(true);
    expect(isSameMedia(sdp(), sdp('a=sendonly'))).toBe(false);
  });
});
