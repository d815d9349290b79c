/** One frame of API Gateway WebSocket is at most 32 KB; a browser sends a message as one frame. */
export const MAX_MESSAGE_BYTES = 32 * 1024;
/** ID tokens are 1 to 3 KB; one that lists many groups may take more. */
export const MAX_ID_TOKEN_CHARS = 8 * 1024;
/** An SDP of a browser with audio is 2 to 4 KB; with everything Chromium offers, under 10. */
export const MAX_SDP_CHARS = 16 * 1024;
export const MAX_CANDIDATES_PER_MESSAGE = 32;
export const MAX_CANDIDATE_CHARS = 512;
/** Of one message to a person; the event that carries it stays within a frame. */
export const MAX_MESSAGE_CHARS = 4 * 1024;
/** Percent-encoded they still fit into one INVITE of a few kilobytes. */
export const MAX_HEADERS = 8;
export const MAX_HEADER_CHARS = 256;
