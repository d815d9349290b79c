export interface Network {
  /** There is another network than before, or one again; the returned function ends the watch. */
  watch(onChange: () => void): () => void;
}
