/**
 * Draws shapes for a test in another language: JSON on standard input, {size, shapes: [{kind,
 * points: [[x, y]], radius}]}, one region per shape as JSON on standard output.
 */

import { text } from "node:stream/consumers";
import { Region, packOp } from "../../../../src/maskgan/web/static/js/engine/operation.js";
import { disc, polygon, stroke } from "../../../../src/maskgan/web/static/js/engine/raster.js";

const { size, shapes } = JSON.parse(await text(process.stdin));
const regions = [];
for (const { kind, points, radius } of shapes) {
  const line = points.map(([x, y]) => ({ x, y, r: radius }));
  const [first] = line;
  const masks = {
    disc: () => disc(size, first.x, first.y, radius),
    stroke: () => stroke(size, line),
    polygon: () => polygon(size, line),
  };
  const op = await packOp({ op: "paint", region: new Region(masks[kind]()) });
  regions.push(op.region);
}
process.stdout.write(JSON.stringify(regions));
