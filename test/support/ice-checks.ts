import { classes, Message, methods } from 'werift';

const HEADER_BYTES = 20;

/** A connectivity check as the browser would send it, with whatever integrity. */
export function check(
  usernameFragment: string,
  password?: string,
  { names = true }: { readonly names?: boolean } = {},
): Buffer {
  const request = new Message(methods.BINDING, classes.REQUEST);
  request
    .setAttribute('USERNAME', `${usernameFragment}:peer`)
    .setAttribute('PRIORITY', 1_845_501_695)
    .setAttribute('ICE-CONTROLLING', 1n);
  if (names) request.setAttribute('USE-CANDIDATE', null);
  if (password !== undefined) request.addMessageIntegrity(Buffer.from(password));
  return request.addFingerprint().bytes;
}

/** To a check of the node, which came from there. */
export function answerTo(
  asked: Buffer,
  from: { readonly address: string; readonly port: number },
  password: string,
): Buffer {
  const answer = new Message(methods.BINDING, classes.RESPONSE, asked.subarray(8, HEADER_BYTES));
  answer.setAttribute('XOR-MAPPED-ADDRESS', [from.address, from.port]);
  return answer.addMessageIntegrity(Buffer.from(password)).addFingerprint().bytes;
}
