const SDP = 'application/sdp';

/** The session description in a body: bare, or the SDP part of a multipart (RFC 5621 §3). */
export function sdpOf(contentType: string | undefined, body: string): string | undefined {
  if (body === '' || contentType === undefined) return undefined;
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === SDP) return body;
  return mediaType.startsWith('multipart/') ? sdpPart(contentType, body) : undefined;
}

export const mediaTypeOf = (contentType: string): string =>
  (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();

function sdpPart(contentType: string, body: string): string | undefined {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd < 0) continue;
    const [, type = ''] = /^content-type[ \t]*:[ \t]*(.*)$/im.exec(part.slice(0, headEnd)) ?? [];
    if (mediaTypeOf(type) === SDP) return part.slice(headEnd + 4);
  }
  return undefined;
}
