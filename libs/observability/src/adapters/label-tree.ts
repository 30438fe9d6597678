import type { Labels } from '../metrics.js';

/** A series whose labels turn out to be less fixed than its author thought is held to this many combinations. */
const mostLeaves = 10_000;
/** The value of each label for what is beyond. */
const beyond = 'other';

class Node<Kept> {
  readonly next = new Map<string | undefined, Node<Kept>>();
  kept: Kept | undefined;
}

/**
 * Finds what is kept for a combination of label values by one map look-up a label: nothing is put together and hashed, as
 * the values are constants whose hash is known.
 */
export class LabelTree<Kept extends object> {
  /** All that is kept, in the order it was first asked for. */
  readonly leaves: { readonly labels: Labels; readonly kept: Kept }[] = [];
  readonly #root = new Node<Kept>();
  readonly #others: Labels;

  /**
   * @param names the labels of the series
   * @param create called once a combination; nothing is kept for it when it throws
   */
  constructor(
    private readonly names: readonly string[],
    private readonly create: (labels: Labels) => Kept,
  ) {
    this.#others = Object.fromEntries(names.map((name) => [name, beyond]));
  }

  /** @returns what is kept for the combination; of more than 10,000, the rest share the one that has `other` throughout */
  at(labels: Labels): Kept {
    return this.#find(labels) ?? this.#grow(this.leaves.length < mostLeaves ? { ...labels } : this.#others);
  }

  #find(labels: Labels): Kept | undefined {
    let node: Node<Kept> | undefined = this.#root;
    for (const name of this.names) node = node?.next.get(labels[name]);
    return node?.kept;
  }

  #grow(labels: Labels): Kept {
    const known = this.#find(labels);
    if (known !== undefined) return known;
    const kept = this.create(labels);
    this.leaves.push({ labels, kept });
    let node = this.#root;
    for (const name of this.names) {
      const next = node.next.get(labels[name]) ?? new Node<Kept>();
      node.next.set(labels[name], next);
      node = next;
    }
    node.kept = kept;
    return kept;
  }
}
