import { parseRequest, requestIdOf } from '@isthmus/shared/wire/parse';

const refusalOf = (text: string): string => {
  const parsed = parseRequest(text);
  return parsed.ok ? 'accepted' : parsed.error.code;
};

describe('a client message', () => {
  it('is taken when it is of its action’s form', () => {
    const parsed = parseRequest('{"id":"1","action":"logout"}');

    expect(parsed).toEqual({ ok: true, value: { id: '1', action: 'logout' } });
  });

  it.each([
    ['not JSON', '{', 'wire.malformed'],
    ['null', 'null', 'wire.unknown-action'],
    ['no action', '{"id":"1"}', 'wire.unknown-action'],
    ['an inherited name as action', '{"id":"1","action":"toString"}', 'wire.unknown-action'],
    ['an unknown key', '{"id":"1","action":"logout","x":1}', 'wire.malformed'],
    ['a wrong type', '{"id":1,"action":"logout"}', 'wire.malformed'],
    ['too long', `{"id":"${'x'.repeat(33_000)}"}`, 'wire.too-large'],
    [
      'over-long SDP',
      `{"id":"1","action":"call.start","callId":"abcdefgh","seq":0,"target":"echo","sdp":"${'a'.repeat(17_000)}"}`,
      'wire.malformed',
    ],
  ])('that is %s is refused by code', (_, text, code) => {
    expect(refusalOf(text)).toBe(code);
  });

  it.each([
    ['a password short', { userName: 'anna' }, 'password'],
    ['of no form at all', {}, 'idToken'],
    ['with a token too long', { idToken: 'x'.repeat(9_000) }, 'idToken'],
  ])('of several forms that is %s is refused by what it lacks of the nearest', (_, more, path) => {
    const parsed = parseRequest(JSON.stringify({ id: '1', action: 'token', tenant: 'a', ...more }));

    expect(parsed).toMatchObject({ ok: false, error: { details: { path } } });
  });

  it('that is refused can still be named', () => {
    expect(requestIdOf('{"id":"7","action":"?"}')).toBe('7');
    expect(requestIdOf('{')).toBe('');
  });
});
