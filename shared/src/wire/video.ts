import * as z from 'zod';

const id = z.string().min(1).max(64);
const callId = z
  .string()
  .min(8)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);

export const VIDEO_WISHES = ['sendrecv', 'recvonly', 'none'] as const;
/** What a user wants of video: to be seen too, only to see, or none of it. */
export type VideoWish = (typeof VIDEO_WISHES)[number];

export const callVideo = z
  .strictObject({
    ...{ id, callId, seq: z.int().min(0), action: z.literal('call.video') },
    video: z
      .enum(VIDEO_WISHES)
      .describe('`sendrecv`: the camera is on; `recvonly`: off, the other side is seen'),
  })
  .describe(
    'Add video to an established call, turn it, or take it away. The node asks IMS first and then ' +
      'offers it to the client by `call.offer`; how it went comes as `call.video`',
  );

export const callVideoEvent = z
  .strictObject({
    event: z.literal('call.video'),
    seq: z.int().min(1).describe('Rises by one in a session; gaps are fetched by `resume`'),
    callId: z.string(),
    ours: z.boolean().describe('The other side takes the picture of this user'),
    theirs: z.boolean().describe('The other side may send a picture'),
    refused: z.string().optional().describe('Why it is not as this client asked, in words'),
  })
  .describe('Which pictures are agreed with the other side now');
