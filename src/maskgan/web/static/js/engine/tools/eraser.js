/**
 * The eraser: a brush whose pixels show what lies underneath, skin under lips, hair under a hat.
 */

import { Brush } from "./brush.js";

export class Eraser extends Brush {
  id = "eraser";
  title = "Eraser";
  shortcut = "E";
  erases = true;
}
