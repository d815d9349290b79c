import * as z from 'zod';

/** Who takes part in the signalling of a call. */
export const LADDER_SIDES = ['browser', 'isthmus', 'ims'] as const;
const side = z.enum(LADDER_SIDES);

export const ladderEntry = z.strictObject({
  atMs: z.int().min(0).describe('Since 1970, by the clock of the node'),
  from: side,
  to: side,
  title: z.string().describe('Method, status or action'),
  text: z.string().describe('The message without its secrets'),
});

export type LadderSide = z.infer<typeof side>;
export type LadderEntry = z.infer<typeof ladderEntry>;
