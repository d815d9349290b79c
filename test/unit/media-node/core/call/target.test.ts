import { requestUriOf } from '../../../../../media-node/src/core/call/target.ts';

const dialled = (text: string): string => {
  const target = requestUriOf(text, 'ims.example');
  return target.ok ? target.value : target.error.code;
};

describe('SES-1: what a user dials', () => {
  it.each([
    ['echo', 'sip:echo@ims.example'],
    [' 5550001 ', 'sip:5550001@ims.example'],
    ['+49 (30) 555-0001', 'tel:+49305550001'],
    ['tel:+15550001', 'tel:+15550001'],
    ['sip:bob@ims.example', 'sip:bob@ims.example'],
    ['sip:bob@ims.example:5070;transport=tcp', 'sip:bob@ims.example:5070;transport=tcp'],
    ['bob@other.example', 'sip:bob@other.example'],
    ['sip:bob@[2001:db8::1]', 'sip:bob@[2001:db8::1]'],
  ])('%s becomes %s', (text, uri) => {
    expect(dialled(text)).toBe(uri);
  });

  it.each([
    ['', 'nothing'],
    ['bob smith', 'a space'],
    ['sip:bob@x\r\nP-Asserted-Identity: <sip:ceo@x>', 'a header of its own'],
    ['<sip:bob@x>', 'brackets'],
    ['javascript:alert(1)', 'another scheme'],
    ['sip:@x', 'no user'],
  ])('%j is refused: %s', (text) => {
    expect(dialled(text)).toBe('call.bad-target');
  });
});
