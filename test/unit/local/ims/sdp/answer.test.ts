import { chooseAudio, writeAnswer } from '../../../../../local/src/ims/sdp/answer.ts';
import { parseSdp } from '../../../../../local/src/ims/sdp/parse-sdp.ts';

const offerOf = (...media: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...media, ''].join(
    '\r\n',
  );
const answerTo = (offer: string, names?: readonly string[]): string | undefined => {
  const sdp = parseSdp(offer);
  const choice = sdp && chooseAudio(sdp, names);
  const local = { host: '127.0.0.9', port: 4_000, sessionId: 1, version: 2 };
  return sdp && choice && writeAnswer(sdp, choice, local);
};
const WIDE = [
  'm=audio 5000 RTP/AVP 96 97 8 101 102',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtpmap:97 AMR-WB/16000',
  'a=rtpmap:101 telephone-event/8000',
  'a=rtpmap:102 telephone-event/48000',
];

describe('RFC 3264 §6 – the answer of a service', () => {
  it('takes the first codec offered with events of its clock rate', () => {
    const answer = answerTo(offerOf(...WIDE));

    expect(answer).toContain('m=audio 4000 RTP/AVP 96 102\r\n');
    expect(answer).toContain('a=fmtp:96 useinbandfec=1\r\n');
  });

  it('takes only what the service knows', () => {
    expect(answerTo(offerOf(...WIDE), ['PCMA'])).toContain('m=audio 4000 RTP/AVP 8 101\r\n');
    expect(answerTo(offerOf(...WIDE), ['PCMU'])).toBeUndefined();
  });

  it('answers every m-line in its place, with port 0 what it does not want', () => {
    const answer = answerTo(offerOf('m=video 6000 RTP/AVP 100', 'm=audio 5000 RTP/AVP 0'));

    expect(answer?.match(/^m=.*$/gm)).toEqual(['m=video 0 RTP/AVP 100', 'm=audio 4000 RTP/AVP 0']);
  });

  it.each([
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
    ['sendrecv', 'sendrecv'],
  ])('mirrors %s to %s', (offered, answered) => {
    const answer = answerTo(offerOf('m=audio 5000 RTP/AVP 0', `a=${offered}`));

    expect(answer).toContain(`a=${answered}\r\n`);
  });

  it('takes a connection of zeroes for a hold', () => {
    expect(answerTo(offerOf('m=audio 5000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'))).toContain('a=inactive');
  });

  it.each([
    ['secure media it has no keys for', offerOf('m=audio 5000 RTP/SAVP 0')],
    ['an audio stream with port 0', offerOf('m=audio 0 RTP/AVP 0')],
    ['events alone', offerOf('m=audio 5 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000')],
    ['no media at all', offerOf()],
    ['no SDP', 'hello'],
    ['a bent m-line', offerOf('m=audio')],
  ])('refuses %s', (_, offer) => {
    expect(answerTo(offer)).toBeUndefined();
  });
});
