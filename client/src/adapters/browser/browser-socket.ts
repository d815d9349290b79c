import type { OpenSocket } from '../../ports/socket.ts';

export const openBrowserSocket: OpenSocket = (url, listener) => {
  const socket = new WebSocket(url);
  let silent = false;
  socket.onopen = () => {
    if (!silent) listener.opened();
  };
  socket.onmessage = ({ data }) => {
    if (!silent && typeof data === 'string') listener.received(data);
  };
  // An error is always followed by a close.
  socket.onclose = () => {
    if (!silent) listener.closed();
  };
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      silent = true;
      socket.close(1000);
    },
  };
};
