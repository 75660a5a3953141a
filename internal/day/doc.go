// Package day holds civil dates, terms and the calendar of working days.
//
// A [Date] is a day in China, without a time of day. Terms are counted as the
// Civil Code (民法典) wants:
//
//	art. 200  by the calendar: years, months, days and hours
//	art. 201  the day on which a term starts isn't counted; a term of hours
//	          runs from the hour itself
//	art. 202  a term of months or years ends on the same day of its last month,
//	          or on that month's last day where it has no such day
//	art. 203  a last day that is a holiday moves to the day after the holiday;
//	          the last day ends at 24:00
//	art. 204  unless a law or an agreement says otherwise: [Calendar.End] is the
//	          same count without the move of art. 203
//
// The State Council decrees each year's holidays and shifted working days in the
// autumn before. Past the last decree that the [Calendar] knows, it takes
// weekends and the statutory days (全国年节及纪念日放假办法, 2024) to be free and
// reports the result as assumed; decrees that appear later are passed to
// [NewCalendar] as data.
package day
