const DEFAULT_ACCESS = 'IEEE-802.3';

/** P-Access-Network-Info; `none` for no such header. */
export const accessNetworkOf = (access = DEFAULT_ACCESS): readonly string[] =>
  access === 'none' ? [] : [`P-Access-Network-Info: ${access}`];

const IN_DIALOG = /^To: [^\r\n]*;tag=/m;
const UNTOLD = /^CSeq: \d+ (?:ACK|CANCEL)\b/m;
const TOLD = /^P-Access-Network-Info:/m;

/**
 * A message of ours as it leaves. All requests and responses of a dialog tell over what we are connected
 * but ACK, CANCEL and what answers it (3GPP TS 24.229 §5.1.2A.1.1); first requests bring it along.
 */
export function withAccessNetwork(text: string, access: string | undefined): string {
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end);
  const [line] = accessNetworkOf(access);
  const isTold = IN_DIALOG.test(head) && !UNTOLD.test(head) && !TOLD.test(head);
  if (end < 0 || line === undefined || !isTold) return text;
  return `${head}\r\n${line}${text.slice(end)}`;
}
