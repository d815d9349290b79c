import * as z from 'zod';
import { iceServer } from '../wire/answers.ts';
import { errorView } from '../wire/events.ts';

/** `register` is answered once the node has taken it on; how it went comes as an event. */
export const registerAnswer = z.strictObject({
  iceServers: z.array(iceServer),
});

/** A node of the version before answers with nothing. */
export const attachAnswer = z.object({
  iceServers: z.array(iceServer).optional(),
});

export const controlAnswer = z.union([
  z.strictObject({ ok: z.record(z.string(), z.unknown()) }),
  z.strictObject({ error: errorView }),
]);

export type RegisterAnswer = z.infer<typeof registerAnswer>;
export type ControlAnswer = z.infer<typeof controlAnswer>;
