import { ledgerErrors } from "../errors.ts";
import { compareKeys } from "../runtime/composite-key.ts";
import type { StateView } from "../runtime/view.ts";
import type { QueryRow, StateRow } from "../state/ports.ts";
import { type Candidate, candidateOf, runQuery } from "../state/query/run-query.ts";
import type { SelectorQuery } from "../state/query/selector-query.ts";
import type { Found, Picture, Pictures } from "./pictures.ts";
import type { HistoryReader, WorldState } from "./world-state.ts";

/** What is read below a picture: the durable state as it is now. */
export type DurableState = Pick<WorldState, "durable" | "durableRange" | "queryDatabase">;

export interface PictureSurroundings {
  readonly history: HistoryReader;
  /** Settles when everything durable is in the database and the index. */
  readonly applied: () => Promise<void>;
  /** Why the channel answers nothing more. */
  readonly refusal: () => Error | undefined;
}

/**
 * The durable state as it was at a picture's height, whatever has been committed since. Reading from a picture that was given up throws SIMULATION_REFUSED.
 */
export function createPictureView(
  picture: Picture,
  state: PictureSurroundings & { readonly pictures: Pictures; readonly durable: DurableState },
): StateView {
  const { pictures, durable } = state;
  const requireKept = () => {
    const refusal = state.refusal();
    if (refusal !== undefined) throw refusal;
    if (picture.isLost) throw ledgerErrors.simulationRefused("So much was written since that its state was given up.");
  };
  return {
    get(namespace, key) {
      requireKept();
      const image = pictures.image(picture, namespace, key);
      return image === undefined ? durable.durable(namespace, key) : image.found;
    },
    range(namespace, start, end) {
      requireKept();
      return durable.durableRange(namespace, start, end, pictures.images(picture, namespace));
    },
    async query(namespace, query) {
      await state.applied();
      requireKept();
      // Whatever the database has beyond the picture, it has an image of: they are kept before a write can get there.
      const images = pictures.images(picture, namespace);
      if (images.size === 0) return durable.queryDatabase(namespace, query);
      const whole = { ...query, sort: [], fields: undefined, limit: undefined, skip: 0, bookmark: undefined };
      return queryAsBefore(namespace, query, durable.queryDatabase(namespace, whole), images);
    },
    async history(namespace, key) {
      await state.applied();
      requireKept();
      return state.history(namespace, key, picture.height);
    },
  };
}

/** A query's answer when keys with images are as those have them. Holds the documents that match in memory. */
async function* queryAsBefore(
  namespace: string,
  query: SelectorQuery,
  rows: AsyncIterable<StateRow>,
  images: ReadonlyMap<string, Found>,
): AsyncGenerator<QueryRow> {
  const candidates: Candidate[] = [];
  const add = (row: StateRow) => {
    const candidate = candidateOf(row);
    if (candidate !== undefined) candidates.push(candidate);
  };
  for await (const row of rows) if (!images.has(row.key)) add(row);
  for (const [key, found] of images) if (found !== undefined) add({ namespace, key, ...found });
  candidates.sort((a, b) => compareKeys(a.row.key, b.row.key));
  yield* runQuery(query, candidates);
}
