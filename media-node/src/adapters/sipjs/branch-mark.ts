const TOP_BRANCH = /^(Via: [^\r\n]*?;branch=[^;\r\n]+)/m;

/** A request's branch carries the token of its account, so that its responses find the core. */
export function marked(text: string, token: string): string {
  if (text.startsWith('SIP/2.0 ')) return text;
  // RFC 6223 §4.1: we keep the flow of a registration open.
  const keep = text.startsWith('REGISTER ') ? ';keep' : '';
  return text.replace(TOP_BRANCH, `$1.${token}${keep}`);
}
