import { digitIn, infoBody } from '../../media-node/src/core/sip/dtmf-info.ts';

describe('SES-5: RFC 6086 Appendix A: digits in INFO as gateways have them', () => {
  it.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5', 160],
    ['application/dtmf-relay', 'Signal= *\nDuration= 250\n', '*', 250],
    ['Application/DTMF-Relay;charset=utf-8', 'signal=d', 'D', 160],
    ['application/dtmf-relay', 'Signal=11\r\nDuration=100', '#', 100],
    ['application/dtmf-relay', 'Signal=1\r\nDuration=999999', '1', 8_000],
    ['application/dtmf', '7', '7', 160],
    ['application/dtmf', ' 10\r\n', '*', 160],
  ])('%s %j is %s', (type, body, digit, durationMs) => {
    expect(digitIn(type, body)).toEqual({ digit, durationMs });
  });

  it.each([
    ['application/dtmf-relay', 'Signal=12'],
    ['application/dtmf-relay', 'Duration=100'],
    ['application/dtmf-relay', ''],
    ['application/dtmf', 'E'],
    ['application/dtmf', '55'],
  ])('%s %j is none', (type, body) => {
    expect(digitIn(type, body)).toBeUndefined();
  });

  it('another type is unknown', () => {
    expect(digitIn('text/plain', '5')).toBe('unknown');
  });

  it('is written so that it reads as it was', () => {
    const pressed = { digit: '#', durationMs: 120 };

    const relay = infoBody(pressed, 'dtmf-relay');
    const plain = infoBody(pressed, 'dtmf');

    expect(relay).toEqual({
      contentType: 'application/dtmf-relay',
      content: 'Signal=#\r\nDuration=120\r\n',
    });
    expect(plain).toEqual({ contentType: 'application/dtmf', content: '#' });
    expect(digitIn(relay.contentType, relay.content)).toEqual(pressed);
  });
});
