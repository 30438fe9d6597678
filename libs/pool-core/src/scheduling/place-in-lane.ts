/** The place of an account among those that serve a model, as the account knows it. */
export interface PlaceInLane {
  /** Something has happened to the account: it will be looked at again. */
  wake(): void;
}
