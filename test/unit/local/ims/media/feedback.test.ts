import { readFeedback, writeFeedback } from '../../../../../local/src/ims/media/rtcp.ts';

const REPORT = Buffer.from('80c9000100000001', 'hex');
/** RFC 4585 §6.3.1: a picture is lost. */
const PICTURE_LOSS = Buffer.from('81ce00020000000100000002', 'hex');
/** RFC 4585 §6.2.1: packet 7 is missing. */
const NACK = Buffer.from('81cd0003000000010000000200070000', 'hex');

describe('RFC 4585 §6: feedback as the services of the simulator read it', () => {
  it('is found behind a report, each with whom it is for', () => {
    const found = readFeedback(Buffer.concat([REPORT, PICTURE_LOSS, NACK]));

    expect(found).toMatchObject([
      { type: 206, format: 1, sender: 1, media: 2 },
      { type: 205, format: 1, sender: 1, media: 2, control: Buffer.from('00070000', 'hex') },
    ]);
  });

  it('is written as it was read', () => {
    const written = [PICTURE_LOSS, NACK].flatMap((it) => readFeedback(it).map(writeFeedback));

    expect(written).toEqual([PICTURE_LOSS, NACK]);
  });

  it.each([
    ['cut off', PICTURE_LOSS.subarray(0, 8)],
    ['longer than it is', Buffer.from('81ce00ff0000000100000002', 'hex')],
    ['of another version', Buffer.from('41ce00020000000100000002', 'hex')],
    ['without room for its sources', Buffer.from('81ce000100000001', 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is none', (_, bytes) => {
    expect(readFeedback(bytes)).toEqual([]);
  });
});
