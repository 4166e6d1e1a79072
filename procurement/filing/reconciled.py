"""The rows of this room that are compared with what their events said last."""

from sunlight.journal.rowfacts import left

left("年度采购预算只用于核对年度占比，每次变更有事件。", "procurement_yearbase")
